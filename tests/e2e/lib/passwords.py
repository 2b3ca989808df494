"""Passwords as a web configuration holds them and as a client sends them."""
import base64
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import crypt  # bcrypt, in the standard library until Python 3.13


def bcrypt(password):
    return crypt.crypt(password, crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=1 << 5))


def basic(user, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}
