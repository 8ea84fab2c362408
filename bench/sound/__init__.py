"""How much of the captcha's sound machines hear: `make bench-sound`."""
