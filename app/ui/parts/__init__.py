"""Small parts that pages are put together from; text always goes in as text, never as markup."""
