"""Forms derived from JSON Schema: a pure half that reads the schema, and a half that draws it."""
