"""The ground: models, events, workers. It knows neither a terminal nor where things are kept."""
