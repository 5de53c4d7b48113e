"""Reads a property list in OpenStep's syntax, as Xcode's project files have it."""

import re

TOKEN = re.compile(r'\s*(?:/\*.*?\*/\s*|//[^\n]*\n\s*)*([{}()=;,]|"(?:[^"\\]|\\.)*"|[A-Za-z0-9_.$/:<>+-]+|$)', re.S)


def parse(text):
    """The value in `text`: a str, a list or a dict of these. ValueError if it is not well-formed."""
    tokens = []
    position = 0
    while position < len(text):
        match = TOKEN.match(text, position)
        if not match:
            line = text.count('\n', 0, position) + 1
            raise ValueError(f'line {line}: unexpected {text[position:position + 20]!r}')
        position = match.end()
        if match.group(1):
            tokens.append(match.group(1))
    tokens.reverse()
    value = _value(tokens)
    if tokens:
        raise ValueError(f'{tokens[-1]!r} after the end')
    return value


def _take(tokens, expected=None):
    if not tokens:
        raise ValueError('the file ends too early')
    token = tokens.pop()
    if expected is not None and token != expected:
        raise ValueError(f'{token!r}, expected {expected!r}')
    return token


def _value(tokens):
    token = _take(tokens)
    if token == '{':
        entries = {}
        while tokens and tokens[-1] != '}':
            key = _value(tokens)
            _take(tokens, '=')
            if key in entries:
                raise ValueError(f'{key!r} is there twice')
            entries[key] = _value(tokens)
            _take(tokens, ';')
        _take(tokens, '}')
        return entries
    if token == '(':
        items = []
        while tokens and tokens[-1] != ')':
            items.append(_value(tokens))
            if tokens and tokens[-1] != ')':
                _take(tokens, ',')
        _take(tokens, ')')
        return items
    if token in '})=;,':
        raise ValueError(f'unexpected {token!r}')
    return re.sub(r'\\(.)', r'\1', token[1:-1]) if token[0] == '"' else token
