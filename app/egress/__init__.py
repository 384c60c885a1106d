"""The only module that opens outgoing connections: address policy, total deadlines, byte caps."""
