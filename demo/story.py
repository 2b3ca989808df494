"""What the person in front of the terminal reads."""
import sys
import time


class Story:
    """Lines with the seconds since the beginning in front."""

    def __init__(self):
        self._began_at = time.monotonic()
        self._before_line = "\r\033[K" if sys.stdout.isatty() else ""  # wipes out the ticker

    def seconds(self):
        return time.monotonic() - self._began_at

    def tell(self, text):
        print(f"{self._before_line}  {self.seconds():5.1f} s  {text}", flush=True)

    def title(self, text):
        print(f"\n{text}\n{'-' * len(text)}", flush=True)

    def ticker(self, text):
        """A line that the next one replaces; where there is no terminal, only now and then a line."""
        if self._before_line:
            print(f"{self._before_line}  {self.seconds():5.1f} s  {text}", end="", flush=True)
        elif int(self.seconds()) % 5 == 0:
            self.tell(text)
