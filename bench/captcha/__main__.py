"""`python -m bench.captcha`: see bench/captcha/solving.py."""

# The processes that read are spawned, and cannot look into a `__main__`.
from bench.captcha.solving import main

if __name__ == "__main__":
    main()
