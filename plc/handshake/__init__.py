"""The state machine between the line and a PLC, pure."""
