"""What two processes of a station share: frames, journal, tables and queues in memory, sockets."""
