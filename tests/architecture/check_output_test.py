#!/usr/bin/env python3
"""Shows that check_output.py reports each way to write past the one module, and nothing on a tree that does not."""
import pathlib
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent))
import check_output  # noqa: E402
from tree_check import checked  # noqa: E402

GOOD = {
    "tools/qeval/text/terminal.cpp": "write_all(STDERR_FILENO, bytes);\n",
    "tools/qeval/interrupt.cpp": "::write(STDERR_FILENO, text.data(), text.size());\n",
    "tools/qeval/commands/verb.cpp": 'out("{}", 1);  // not to stdout directly\nwrite_err(text);\nstd::snprintf(a, b, "c");\n',
    "tools/qeval/text/progress_output.cpp": "isatty(STDERR_FILENO);\nprogress.write(now);\n",
    "pipeline/base/atomic_file.cpp": "std::fflush(stdout);\n::write(fd_, data, size);\n",
    "tools/bench/bench.cpp": 'fmt::print("the benchmark is no part of the program");\n',
}

BAD = ('fmt::print("x");', 'fmt::print(stderr, "x");', 'std::cout << "x";', 'std::cerr << "x";', "std::clog << 1;",
       "#include <iostream>", 'printf("x");', 'std::printf("x");', 'std::fprintf(file, "x");', 'puts("x");',
       'std::fputs("x", file);', 'perror("x");', "std::fwrite(data, 1, size, stdout);", "::write(STDERR_FILENO, a, b);",
       "::write(1, a, b);", "write_all(STDOUT_FILENO, text);", 'dprintf(2, "x");')


class CheckOutput(unittest.TestCase):
    def test_accepts_a_tree_that_keeps_the_rule(self):
        status, output = checked(check_output, GOOD)
        self.assertEqual(status, 0, output)

    def test_reports_each_breach_with_its_place(self):
        for path in ("tools/qeval/commands/verb.cpp", "storage/a.cpp", "stages/infer/a.h", "pipeline/a.cpp", "jobs/a.cpp"):
            for line in BAD:
                with self.subTest(path=path, line=line):
                    status, output = checked(check_output, {**GOOD, path: "#pragma once\n" + line + "\n"})
                    self.assertEqual(status, 1)
                    self.assertIn(f"{path}:2: ", output)

    def test_refuses_a_folder_without_sources(self):
        with self.assertRaises(SystemExit) as refused:
            checked(check_output, {"README.md": "nothing"})
        self.assertIn("is it the root of the tree?", str(refused.exception.code))


if __name__ == "__main__":
    unittest.main()
