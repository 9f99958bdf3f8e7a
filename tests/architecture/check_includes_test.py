#!/usr/bin/env python3
"""Shows that check_includes.py reports each kind of breach, and nothing on a tree that keeps the rules."""
import pathlib
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent))
import check_includes  # noqa: E402
from tree_check import checked  # noqa: E402

GOOD = {
    "pipeline/graph.cpp": '#include "pipeline/stage.h"\n#include <oneapi/tbb/flow_graph.h>\n',
    "pipeline/stage.h": "#include <memory>\n",
    "stages/image/decode.cpp": '#include <jpeglib.h>\n#include "pipeline/stage.h"\n#include "stages/image/image.h"\n',
    "stages/flow/stages.cpp": '#include "stages/infer/executor.h"\n#include "stages/image/image.h"\n',
    "stages/quant/fold.cpp": '#include "stages/model/graph.h"\n',
    "stages/infer/run.cpp": "#include <torch/torch.h>\n#include <ATen/ATen.h>\n#include <c10/core/Device.h>\n",
    "storage/db.cpp": '#include <sqlite3.h>\n#include "pipeline/base/errors.h"\n',
    "jobs/language/parse.cpp": '#include <libfyaml.h>\n#include "pipeline/base/errors.h"\n',
    "jobs/run/evaluate.cpp": '#include "jobs/prepare/network.h"\n#include "storage/db.h"\n#include "stages/model/graph.h"\n',
    "jobs/prepare/network.cpp": '#include "jobs/language/parse.h"\n#include "storage/db.h"\n',
    "jobs/report/collect.cpp": '#include "jobs/run/evaluate.h"\n#include "storage/db.h"\n#include "stages/image/image.h"\n',
    "tools/qeval/main.cpp": '#include <boost/program_options.hpp>\n#include "storage/db.h"\n#include "jobs/language/parse.h"\n'
                            '#include "stages/model/graph.h"\n#include "pipeline/stage.h"\n',
    "tests/storage/db_test.cpp": '#include <sqlite3.h>\n#include "storage/db.h"\n',
}

BAD = (
    ("stages/model/a.cpp", '#include "storage/db.h"'),
    ("stages/model/a.cpp", '#include "jobs/language/job_spec.h"'),
    ("stages/model/a.h", '#include "tools/qeval/commands/verb.h"'),
    ("stages/model/a.cpp", '#include "stages/quant/arithmetic/encoding.h"'),
    ("stages/image/a.cpp", '#include "stages/model/graph.h"'),
    ("stages/quant/a.cpp", '#include "stages/infer/executor.h"'),
    ("stages/infer/a.cpp", '#include "stages/flow/image_payload.h"'),
    ("stages/new/a.cpp", '#include "pipeline/stage.h"'),
    ("storage/a.cpp", '#include "stages/model/graph.h"'),
    ("storage/a.cpp", '#include "jobs/language/job_spec.h"'),
    ("jobs/language/a.cpp", '#include "stages/model/graph.h"'),
    ("jobs/language/a.cpp", '#include "storage/db.h"'),
    ("jobs/language/a.cpp", '#include "jobs/prepare/network.h"'),
    ("jobs/prepare/a.cpp", '#include "jobs/run/evaluate.h"'),
    ("jobs/run/a.cpp", '#include "tools/qeval/text/terminal.h"'),
    ("jobs/run/a.cpp", '#include "jobs/report/report.h"'),
    ("jobs/report/a.cpp", '#include "tools/qeval/html/html_writer.h"'),
    ("jobs/report/a.cpp", "#include <jpeglib.h>"),
    ("storage/a.cpp", '#include "jobs/run/evaluate.h"'),
    ("pipeline/base/a.h", '#include "pipeline/stage.h"'),
    ("pipeline/a.h", '#include "stages/image/image.h"'),
    ("pipeline/a.h", '  #  include "storage/db.h"'),
    ("tools/qeval/a.cpp", '#include "tests/support/temp_dir.h"'),
    ("stages/flow/a.cpp", "#include <oneapi/tbb/flow_graph.h>"),
    ("tests/pipeline/a.cpp", "#include <tbb/flow_graph.h>"),
    ("tools/qeval/a.cpp", "#include <tbb/task_arena.h>"),
    ("stages/model/a.cpp", "#include <jpeglib.h>"),
    ("tests/jobs/a.cpp", "#include <jpeglib.h>"),
    ("tools/qeval/a.cpp", "#include <sqlite3.h>"),
    ("tests/cli/a.cpp", '#include "sqlite3.h"'),
    ("tools/qeval/a.cpp", "#include <libfyaml.h>"),
    ("stages/quant/a.cpp", "#include <torch/torch.h>"),
    ("stages/model/a.cpp", "#include <ATen/ATen.h>"),
    ("tools/qeval/a.cpp", "#include <c10/core/Device.h>"),
    ("jobs/run/a.cpp", "#include <boost/program_options.hpp>"),
    ("tools/qeval/version.h.in", "#include <sqlite3.h>"),
    ("stages/infer/a.cpp", "#include <cpuid.h>"),
    ("stages/quant/a.cpp", "#include <immintrin.h>"),
    ("stages/infer/a.cpp", "#include <immintrin.h>"),
    ("stages/infer/kernels/a.cpp", '#include "stages/quant/arithmetic/encoding.h"'),
    ("stages/quant/a.cpp", "#include <emmintrin.h>"),
    ("pipeline/a.cpp", '#include "stage.h"'),
    ("pipeline/a.cpp", "#include <pipeline/stage.h>"),
)


class CheckIncludes(unittest.TestCase):
    def test_accepts_a_tree_that_keeps_the_rules(self):
        status, output = checked(check_includes, GOOD)
        self.assertEqual(status, 0, output)

    def test_reports_each_breach_with_its_place(self):
        for path, line in BAD:
            with self.subTest(path=path, line=line):
                status, output = checked(check_includes, {**GOOD, path: "#pragma once\n" + line + "\n"})
                self.assertEqual(status, 1)
                self.assertIn(f"{path}:2: ", output)
                self.assertEqual(len(output.splitlines()), 2, output)

    def test_refuses_a_folder_without_sources(self):
        with self.assertRaises(SystemExit) as refused:
            checked(check_includes, {"README.md": "nothing"})
        self.assertIn("is it the root of the tree?", str(refused.exception.code))


if __name__ == "__main__":
    unittest.main()
