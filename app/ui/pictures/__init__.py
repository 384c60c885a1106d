"""Pictures that people bring, where they are chosen and placed."""
