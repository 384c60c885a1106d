"""The procedural rehearsal model: seeded artwork from a prompt, with no weights and no network."""
