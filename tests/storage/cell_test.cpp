#include "storage/cell.h"

#include <cmath>

#include <gtest/gtest.h>

#include "storage/database.h"
#include "tests/support/temp_dir.h"

namespace {

using namespace qeval;
using namespace qeval::test;

/// What SQLite makes of an expression, as a cell.
Cell cell_of(const std::string& expression) {
  TempDir folder;
  Database database(folder.path() / "cells.db", Database::Access::read_write);
  Statement row = database.query("SELECT " + expression);
  row.step_to_row();
  return row.cell(0);
}

TEST(Cell, KeepsTheTypeItHasInSql) {
  EXPECT_EQ(cell_of("NULL"), Cell());
  EXPECT_EQ(cell_of("'1e5'"), Cell("1e5"));
  EXPECT_EQ(cell_of("''"), Cell(""));
  EXPECT_EQ(cell_of("9007199254740993"), Cell(9007199254740993));
  EXPECT_EQ(cell_of("1.0e5").type(), Cell::Type::real);
  EXPECT_EQ(cell_of("x'41'"), Cell("A"));
  EXPECT_NE(Cell(7), Cell("7"));
}

TEST(Cell, DigitsOfARealReadBackToTheSameNumber) {
  EXPECT_EQ(cell_of("70.0").text(), "70.0");
  EXPECT_EQ(cell_of("round(39.6781, 3)").text(), "39.678");
  EXPECT_EQ(cell_of("0.1 + 0.2").text(), "0.30000000000000004");
  EXPECT_EQ(Cell(0.1 + 0.2).text(), "0.30000000000000004");
  EXPECT_EQ(Cell(70.0).text(), "70");
}

TEST(Cell, NotANumberIsNullAsInSql) {
  EXPECT_TRUE(Cell(std::nan("")).is_null());
  EXPECT_TRUE(Cell::real(std::nan(""), "nan").is_null());
  EXPECT_EQ(Cell::real(87.9, "87.90").text(), "87.90");
}

}  // namespace
