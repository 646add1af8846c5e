"""What Gatewright writes from db.design.json. Changes of yours belong in modules/."""
