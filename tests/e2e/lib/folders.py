"""What the folder of a test is called."""
import hashlib
import re

LENGTH_MAX = 120


def name_for(test):
    """The test's name as far as a file name can have it; no other test of its module has the same."""
    readable = re.sub(r"[^\w.-]+", "_", test)[:LENGTH_MAX]
    if readable == test:
        return test
    digest = hashlib.sha256(test.encode()).hexdigest()[:8]
    return f"{readable[:LENGTH_MAX - len(digest) - 1]}-{digest}"
