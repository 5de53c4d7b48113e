"""Writes the code blocks of a Markdown page to files: FOLDER/1.c, 2.c, ..., 1.cpp, ...

    extract_code.py PAGE FOLDER C_BLOCKS CPP_BLOCKS      the numbers are what the page must have
"""

import os
import re
import sys

page, folder = sys.argv[1:3]
expected = {"c": int(sys.argv[3]), "cpp": int(sys.argv[4])}
with open(page, encoding="utf-8") as file:
    text = file.read()
os.makedirs(folder, exist_ok=True)
for language, count in expected.items():
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    if len(blocks) != count:
        sys.exit(f"{page}: {len(blocks)} blocks of {language}, {count} are expected; "
                 "tests/docs/CMakeLists.txt says how many")
    for number, block in enumerate(blocks, 1):
        with open(f"{folder}/{number}.{language}", "w", encoding="utf-8") as file:
            file.write(block)
