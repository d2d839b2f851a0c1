-- SPDX-License-Identifier: MIT
-- kinds.lua -- the things that a chapter numbers, and what they are called.
return {
    sec = "Section", lst = "Listing", fig = "Figure", tbl = "Table",
    tr = "Run", ses = "Session", ex = "Exercise", ch = "Chapter",
}
