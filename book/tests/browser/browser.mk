# SPDX-License-Identifier: MIT
# browser.mk -- the suite `browser` and the README's picture; included by
# book/book.mk.

BROWSER := book/tests/browser

.PHONY: check-browser picture
check-browser: book | need-test
	@scripts/tap browser -- node $(BROWSER)/check.js $(B)/book/html \
		$(B)/book/screenshots
SUITES += browser

picture: book | need-test ## the README's picture: chapter 1, first screen
	@node $(BROWSER)/shoot.js $(B)/book/html/01-supervisor.html \
		book/theme/cover.png
