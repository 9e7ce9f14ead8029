"""The command line: it translates between a shell and the engine, and decides nothing."""
