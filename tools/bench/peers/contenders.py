"""Processes that are measured in turn: A B C A B C …, so that a slow moment of the machine hits all of them."""
import os
import statistics
import subprocess
import tempfile
import time

SLOW_SECONDS = 20


class Figures:
    """Of one contender: images per second by round, and its largest process's peak memory in bytes."""

    def __init__(self):
        self.turns, self.peak = {}, 0

    @property
    def speeds(self):
        return list(self.turns.values())

    def median(self):
        return statistics.median(self.speeds)

    def near(self, number):
        """The speed in that round, or the nearest one that it took part in."""
        return self.turns[min(self.turns, key=lambda turn: abs(turn - number))]


class Process:
    """A program that answers a line by a line."""

    def __init__(self, name, command, environment):
        self.name, self.errors = name, tempfile.TemporaryFile(mode="w+")
        self.process = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.errors, text=True, env=environment)

    def ask(self, question):
        try:
            self.process.stdin.write(f"{question}\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            self.process.kill()
            self.process.wait()
            self.errors.seek(0)
            raise SystemExit(f"compare-peers: {self.name} ended:\n{self.errors.read()[-4000:]}")
        return answer

    def close(self):
        """Peak memory in bytes."""
        self.process.stdin.close()
        _, status, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        self.process.stdout.close()
        return usage.ru_maxrss * 1024


def enough_images(process, seconds, step):
    """How many images take about so long, after a first turn that does not count; a multiple of `step`."""
    process.ask(step)
    rate = step / float(process.ask(step))
    return max(step, round(rate * seconds / step) * step)


def measure_in_turn(processes, rounds, seconds, step, say):
    """Figures by name."""
    figures = {process.name: Figures() for process in processes}
    images = {}
    for process in processes:
        images[process.name] = enough_images(process, seconds, step)
        say(f"{process.name}: {images[process.name]} images a turn")
    for number in range(rounds):
        say(f"round {number + 1} of {rounds}")
        for process in processes:
            time.sleep(0.2)  # threads of the one before may spin for a while
            count = images[process.name]
            figures[process.name].turns[number] = count / float(process.ask(count))
    for process in processes:
        figures[process.name].peak = process.close()
    return figures


def measure_commands(commands, images, options, run, say):
    """Figures by name of commands that take all images each. One that takes long has a turn in fewer of the rounds."""
    figures = {name: Figures() for name in commands}
    few = {number * (options.rounds - 1) // max(1, options.slow_rounds - 1) for number in range(options.slow_rounds)}
    slow = set()
    for number in range(options.rounds):
        for name, one in figures.items():
            if name in slow and number not in few:
                continue
            seconds, peak = run(commands[name], number)
            one.turns[number] = images / seconds
            one.peak = max(one.peak, peak)
            say(f"round {number + 1} of {options.rounds}, {name}: {seconds:.1f} s")
            if seconds > SLOW_SECONDS:
                slow.add(name)
    return figures


def run_command(command, environment, folder):
    """Seconds, and peak memory in bytes of its largest process, of a command that has to succeed."""
    with tempfile.TemporaryFile(mode="w+") as errors:
        begin = time.monotonic()
        process = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=errors, env=environment,
                                   cwd=folder)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            errors.seek(0)
            raise SystemExit(f"compare-peers: exit code {process.returncode} from {command}\n{errors.read()[-4000:]}")
    return seconds, usage.ru_maxrss * 1024
