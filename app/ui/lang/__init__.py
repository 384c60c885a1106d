"""What the pages say, in the visitor's language: English is the key, catalogues hold the other languages."""
