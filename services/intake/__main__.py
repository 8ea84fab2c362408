"""`python -m services.intake` serves readers."""

from commentdesk.web import run
from services.intake.app import create_app

if __name__ == "__main__":
    run(create_app, "intake", "intake_port")
