# SPDX-License-Identifier: MIT
# book.mk -- the book: chapters to pages, EPUB, PDF; transcripts.  How it works
# is told in book/README.md.
#
# Two passes: the first indexes the chapters and writes $(BK)/gen.mk, which says
# what each page is made from; the second, another make, reads that and renders.

# $(BP) holds what both editions share: figures, programs.
BP := $(B)/book
BOOK_CHAPTERS := $(patsubst book/chapters/%.md,%,$(wildcard book/chapters/*.md))
ifeq ($(EDITION),instructor)
BK := $(B)/instructor
BOOK_ANSWERS := $(patsubst %,%-answers,$(filter $(BOOK_CHAPTERS), \
	$(patsubst solutions/%/WHY.md,%,$(wildcard solutions/*/WHY.md))))
else
BK := $(BP)
BOOK_ANSWERS :=
endif
BOOK_NAMES := index $(filter-out index,$(sort $(BOOK_CHAPTERS) $(BOOK_ANSWERS)))
BOOK_LIB := $(wildcard book/filters/lib/*.lua)
BOOK_RENDER := book/filters/render.lua book/filters/after.lua $(BOOK_LIB) \
	book/theme/template.html book/scripts/chapter
BOOK_THEME := $(shell find book/theme -type f ! -name '*.html' ! -name '*.md' \
	! -name cover.png)
# Whatever a listing may come from: a marker in any of these is looked at.
BOOK_SOURCES := $(shell find kernel explorer box64-lab labs solutions scripts \
	book/programs book/figures -type f 2>/dev/null)
BOOK_PAGES := $(BOOK_NAMES:%=$(BK)/stage/%.html)

-include $(BK)/gen.mk

.PHONY: book
book: $(BK)/merge.stamp ## the book as HTML: build/book/html/index.html
	@$(MAKE) --no-print-directory -s book-pages

# The list of chapters, rewritten only where it changed.
$(BK)/names: FORCE
	@mkdir -p $(BK)
	@printf '%s\n' $(BOOK_NAMES) | cmp -s - $@ || \
		printf '%s\n' $(BOOK_NAMES) >$@
.PHONY: FORCE
FORCE:

$(BK)/index/%.json: book/chapters/%.md book/filters/index.lua $(BOOK_LIB) \
	book/scripts/chapter | need-book
	@book/scripts/chapter index $(BK) $*

$(BOOK_ANSWERS:%=$(BK)/index/%.json): $(BK)/index/%-answers.json: \
	solutions/%/WHY.md book/chapters/%.md book/filters/index.lua \
	$(BOOK_LIB) book/scripts/chapter | need-book
	@book/scripts/chapter index $(BK) $*-answers

$(BK)/merge.stamp: $(BK)/names $(BOOK_NAMES:%=$(BK)/index/%.json) \
	book/scripts/merge.lua book/scripts/forget $(BOOK_SOURCES) \
	$(wildcard book/references.json)
	@book/scripts/forget $(BK) $(BOOK_NAMES)
	@mkdir -p $(BK)/refs $(BK)/err
	@lua5.4 book/scripts/merge.lua $(BK) $(BOOK_NAMES)
	@touch $@

# ---- second pass
.PHONY: book-pages
book-pages: $(BK)/html/index.html

$(BK)/stage/%.html: $(BK)/index/%.json $(BK)/refs/%.lua $(BOOK_RENDER) \
	book/references.json
	@echo "page $*"
	@book/scripts/chapter page $(BK) $*

$(BOOK_SRC_PAGES): $(BK)/refs/_source.lua book/filters/source.lua \
	$(BOOK_LIB) book/theme/template.html book/scripts/chapter
	@book/scripts/chapter source $(BK) \
		$(filter-out $(BK)/% book/filters/% book/scripts/% book/theme/%,$^) $@

$(BK)/stage/theme/search-index.js: $(BOOK_PAGES) $(BOOK_THEME) \
	book/scripts/theme
	@book/scripts/theme $(BK) $(BOOK_NAMES)

$(BK)/err/links.err: $(BOOK_PAGES) $(BOOK_SRC_PAGES) \
	$(BK)/stage/theme/search-index.js book/scripts/links.lua
	@for f in $(BK)/stage/src/*.html; do \
		case ' $(BOOK_SRC_PAGES) ' in *" $$f "*) ;; *) rm -f "$$f" ;; esac; \
	done
	@lua5.4 book/scripts/links.lua $(BK)/stage $@ \
		$(patsubst $(BK)/stage/%,%,$(BOOK_PAGES) $(BOOK_SRC_PAGES))

$(BK)/html/index.html: $(BK)/err/links.err $(BK)/merge.stamp \
	book/scripts/publish
	@book/scripts/publish $(BK)/stage $(BK)/err $(BK)/html

.PHONY: instructor
instructor: ## the book with the answers: build/instructor/html/index.html
	@$(MAKE) --no-print-directory EDITION=instructor book

# ---- paper
BOOK_FLAT := $(BOOK_NAMES:%=$(BK)/flat/%.html)
$(BK)/flat/%.html: $(BK)/index/%.json $(BK)/refs/%.lua $(BOOK_RENDER) \
	book/references.json
	@book/scripts/chapter flat $(BK) $*

.PHONY: epub pdf book-flat
book-flat: book
	@$(MAKE) --no-print-directory -s $(BOOK_FLAT)
epub: book-flat ## the book for a reader: build/book/returns-twice.epub
	@$(MAKE) --no-print-directory -s $(BK)/returns-twice.epub
pdf: book-flat ## the book for paper: build/book/returns-twice.pdf
	@$(MAKE) --no-print-directory -s $(BK)/returns-twice.pdf

$(BK)/returns-twice.epub: $(BOOK_FLAT) book/scripts/paper.lua \
	book/print/epub.css | need-print
	@lua5.4 book/scripts/paper.lua epub $(BK) $(BK)/epub $(BOOK_NAMES)
	@rm -f $@
	@cd $(BK)/epub && zip -q -X -0 ../$(@F) mimetype && \
		zip -q -X -9 -r ../$(@F) META-INF OEBPS
$(BK)/returns-twice.pdf: $(BOOK_FLAT) book/scripts/paper.lua \
	book/print/pdf.css | need-print
	@lua5.4 book/scripts/paper.lua pdf $(BK) $(BK)/paper.html $(BOOK_NAMES)
	@weasyprint --quiet --stylesheet book/print/pdf.css $(BK)/paper.html $@

# ---- figures
$(BP)/fig/%.svg: book/figures/%.dot book/scripts/figure
	@book/scripts/figure $< $@ $(BP)/err/fig-$(subst /,-,$*).err
$(BP)/fig/%.svg: book/figures/%.gp book/scripts/figure book/scripts/figure.gp
	@book/scripts/figure $< $@ $(BP)/err/fig-$(subst /,-,$*).err
$(BP)/fig/%.svg: book/figures/%.cmd book/scripts/figure
	@book/scripts/figure $< $@ $(BP)/err/fig-$(subst /,-,$*).err

# ---- what was measured: book/data/CHAPTER/NAME.json, or, with DATA=mine, the
# reader's own build/bench/NAME.json
BOOK_DATA := $(patsubst book/data/%,$(BP)/data/%,$(wildcard book/data/*/*.json))
$(BOOK_DATA): $(BP)/data/%.json: FORCE
	@DATA='$(DATA)' book/scripts/data $(patsubst %/,%,$(dir $*)) $(notdir $*) $@

# ---- the programs of the transcripts
BOOK_PROGRAMS := $(patsubst book/%.c,$(BP)/%,$(wildcard book/programs/*/*.c))
SOFTWARE += $(BOOK_PROGRAMS)
# No optimisation: what gdb shows is what the page shows.
$(BOOK_PROGRAMS): $(BP)/%: book/%.c | need-build
	@mkdir -p $(@D)
	@$(CC) $(filter-out -O2 -MMD -MP,$(CFLAGS_HOST)) -O0 -pthread \
		-MMD -MP -MT $@ -MF $@.d $(BOOK_FLAGS) -o $@ $< $(BOOK_LIBS)
-include $(wildcard $(BP)/programs/*/*.d)

# Those of chapters 7 to 9 are about libsplit, and see its inside.
BOOK_ON_SPLIT := $(patsubst book/%.c,$(BP)/%, \
	$(wildcard book/programs/0[789]-*/*.c))
$(BOOK_ON_SPLIT): BOOK_FLAGS = -Iexplorer/include -Iexplorer/src
$(BOOK_ON_SPLIT): BOOK_LIBS = $(B)/explorer/libsplit.a
$(BOOK_ON_SPLIT): $(B)/explorer/libsplit.a

include $(wildcard book/tests/browser/browser.mk)

# ---- transcripts
BOOK_RUNSCRIPT := $(BP)/runscript
BOOK_USES := $(filter $(B)/%,$(shell cat book/transcripts/*/*.cmd 2>/dev/null | \
	sed -n 's/^\# uses: //p'))
$(BOOK_RUNSCRIPT): book/scripts/runscript.c | need-book
	@mkdir -p $(@D)
	@$(CC) $(filter-out -MMD -MP,$(CFLAGS_HOST)) -o $@ $<

BOOK_TRANSCRIPTS = lua5.4 book/scripts/transcripts.lua
.PHONY: record
record: $(BOOK_RUNSCRIPT) $(BOOK_PROGRAMS) $(BOOK_USES) ## record all runs of the book anew
	@$(BOOK_TRANSCRIPTS) record $(BOOK_RUNSCRIPT) $(BP)/programs
record-%: $(BOOK_RUNSCRIPT) $(BOOK_PROGRAMS) $(BOOK_USES)
	@$(BOOK_TRANSCRIPTS) record $(BOOK_RUNSCRIPT) $(BP)/programs $*

.PHONY: check-transcripts
SUITES += transcripts
check-transcripts: $(BOOK_RUNSCRIPT) $(BOOK_PROGRAMS) $(BOOK_USES)
	@scripts/tap transcripts -- $(BOOK_TRANSCRIPTS) check \
		$(BOOK_RUNSCRIPT) $(BP)/programs

# ---- tests of the pipeline itself
.PHONY: check-book
SUITES += book
check-book: | need-book
	@scripts/tap book -- book/tests/run

.PHONY: check-paper
SUITES += paper
check-paper: epub pdf | need-test
	@scripts/tap paper -- book/tests/paper
