"""Indenting changes nothing but white space, and leaves alone what it does not understand."""

from __future__ import annotations

import json
import random
import re

import pytest

from httptrace.outputs import indent, minified


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ('{"b":1,"a":2,"b":3}', ["{", '  "b": 1,', '  "a": 2,', '  "b": 3', "}"]),
        ("[1.50,1E400,123456789012345678901]", ["[", "  1.50,", "  1E400,", "  123456789012345678901", "]"]),
        ('{"a":[ ],"b":{ }}', ["{", '  "a": [],', '  "b": {}', "}"]),
        (r'["\"]{,","\\"]', ["[", r'  "\"]{,",', r'  "\\"', "]"]),
        ("5", ["5"]),
        ('{"a":1}\n{"a":2}\n', ["{", '  "a": 1', "}", "{", '  "a": 2', "}"]),
        ('{"a":"cut h', ["{", '  "a": "cut h']),
        ('{"a":tr', ["{", '  "a": tr']),
        ("[1,", ["[", "  1,", "  "]),
    ],
)
def test_json(text, lines):
    assert indent.json(text) == "\n".join(lines)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[foo]",
        "call({})",
        "[1,,2]",
        "[1,]",
        "[,1]",
        "{]",
        "[1}",
        "1]",
        '{"a" 1}',
        '["a":1]',
        "[1 2]",
        ")]}',{}",
    ],
)
def test_what_is_no_json_is_left_alone(text):
    assert indent.json(text) is None


@pytest.mark.parametrize("seed", range(20))
def test_json_means_the_same(seed):
    chance = random.Random(seed)

    def value(depth):
        kind = chance.randrange(6 if depth < 5 else 4)
        match kind:
            case 0:
                return chance.choice([None, True, False])
            case 1:
                return chance.randrange(-(10**20), 10**20) / chance.choice([1, 7])
            case 2 | 3:
                return "".join(chance.choices('ab"\\{}[],: \n\u2028é', k=chance.randrange(9)))
            case 4:
                return [value(depth + 1) for _ in range(chance.randrange(5))]
        return {f"k{number}": value(depth + 1) for number in range(chance.randrange(5))}

    content = [value(0)]
    assert json.loads(indent.json(json.dumps(content, ensure_ascii=False))) == content
    assert indent.json(json.dumps(content, separators=(",", ":"))) == json.dumps(content, indent=2)


def test_indentation_has_an_end():
    deep = "[" * 5_000 + "]" * 5_000
    shown = indent.json(deep)
    assert shown is None or len(shown) <= 4 * len(deep) + 70_000


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ('<a x="1>2"><b>t</b><c/><d></d></a>', ['<a x="1>2">', "  <b>t</b>", "  <c/>", "  <d></d>", "</a>"]),
        ("<?xml version='1.0'?><!-- <c> --><a/>", ["<?xml version='1.0'?>", "<!-- <c> -->", "<a/>"]),
        ("<a><![CDATA[<b>]]></a>", ["<a>", "  <![CDATA[<b>]]>", "</a>"]),
        ("<a>  <b/>\n</a>", ["<a>", "  <b/>", "</a>"]),
        (
            '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><a>&c;</a>',
            ['<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]>', "<a>&c;</a>"],
        ),
        ("<a><b>cut", ["<a>", "  <b>cut"]),
    ],
    ids=["elements", "prologue", "cdata", "white space", "entities stay", "cut"],
)
def test_xml(text, lines):
    assert indent.xml(text) == "\n".join(lines)


@pytest.mark.parametrize("text", ["<a></b>", "<a><b></a>", "</a>", ""])
def test_xml_that_does_not_match_is_left_alone(text):
    assert indent.xml(text) is None


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (
            "<!doctype html><html><head><meta charset=x><title>T</title></head><body>x</body></html>",
            [
                "<!doctype html>",
                "<html>",
                "  <head>",
                "    <meta charset=x>",
                "    <title>T</title>",
                "  </head>",
                "  <body>x</body>",
                "</html>",
            ],
        ),
        ("<p>one <b>two</b>, <i>three</i></p>", ["<p>one <b>two</b>, <i>three</i></p>"]),
        ("<ul><li>a<li>b</ul><p>c<p>d", ["<ul>", "  <li>a", "  <li>b", "</ul>", "<p>c", "<p>d"]),
        (
            "<div><script>if(a<b){'</div>'}</script></div>",
            ["<div>", "  <script>if(a<b){'</div>'}</script>", "</div>"],
        ),
        ("<div><pre> a\n  b</pre></div>", ["<div>", "  <pre> a\n  b</pre>", "</div>"]),
        ("<div></span></div>", ["<div></span></div>"]),
        ("a < b", ["a < b"]),
    ],
    ids=["page", "running text", "end tags left out", "script", "pre", "stray end tag", "no tag"],
)
def test_html(text, lines):
    assert indent.html(text) == "\n".join(lines)


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("function", [indent.json, indent.xml, indent.html], ids=["json", "xml", "html"])
def test_only_white_space_changes(function, seed):
    pieces = [*'[]{},:"1<\\', "<a>", "</a>", "<p>", "<br/>", "x y", " ", "<!--", "-->", "<li>"]
    text = "".join(random.Random(seed).choices(pieces, k=40))
    shown = function(text)
    assert shown is None or re.sub(r"\s", "", shown) == re.sub(r"\s", "", text)


SCRIPT = (
    '!function(){"use strict";var a=1,b={c:2,d:"};{"};for(var i=0;i<3;i++){a=a/b;x=/[/;]{2}/g.test(y)}'
    "return`t${a};`}();/* c; */"
)


def test_a_minified_script_gets_lines():
    shown = minified.broken(SCRIPT * 10, script=True)
    assert shown.startswith(
        '!function(){\n  "use strict";\n  var a=1,b={\n    c:2,d:"};{"\n  };\n  for(var i=0;i<3;i++){\n'
        "    a=a/b;\n    x=/[/;]{2}/g.test(y)\n  }\n  return`t${a};`\n}();\n/* c; */"
    )
    assert re.sub(r"\s", "", shown) == re.sub(r"\s", "", SCRIPT * 10)


def test_a_minified_style_sheet_gets_lines():
    style = 'a{color:red;background:url(data:image/png;base64,AA//)}@media print{b{x:y}.c>d::after{content:"};"}}'
    assert minified.broken(style * 10, script=False).startswith(
        "a{\n  color:red;\n  background:url(data:image/png;base64,AA//)\n}\n"
        "@media print{\n  b{\n    x:y\n  }\n"
        '  .c>d::after{\n    content:"};"\n  }\n}\na{'
    )


@pytest.mark.parametrize(
    "unclear",
    ['"never ends', "/* never ends", "`${`inside`}`", "}{", "(]", "x=/never ends", "{}/re/"],
    ids=[
        "string",
        "comment",
        "template",
        "brackets",
        "other brackets",
        "expression",
        "division or expression",
    ],
)
def test_an_unclear_script_is_left_alone(unclear):
    assert minified.broken(SCRIPT * 10 + unclear, script=True) is None


def test_a_script_with_lines_is_left_alone():
    assert minified.broken("a();\n" * 1000, script=True) is None
