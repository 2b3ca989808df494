"""A standard error that nobody reads."""
import fcntl
import os
import subprocess

import pytest

from lib.elector import Elector
from lib.fleet import Fleet, NoSink
from lib.polling import poll
