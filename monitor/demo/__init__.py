"""A played-back action: the real service against a copy of its sources, a mailbox and a chat room, all on loopback."""
