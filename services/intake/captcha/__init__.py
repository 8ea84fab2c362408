"""The captcha: its sealed id, its picture, its sound, the work beside it, and how much is asked."""
