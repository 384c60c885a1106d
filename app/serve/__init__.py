"""The roles of the product as processes: what starts them, keeps them running and talks to them."""
