"""How many captcha pictures free programs read: `make bench-captcha`."""
