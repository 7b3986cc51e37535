"""Help in the reader's language: click's own in English, laid out here in Chinese.

The texts stay where the commands are, in English; `Speaking` is what our commands and
groups have in common and looks each one up when it is printed. click measures text by
its characters, so `ChineseFormatter` does the same work by columns.
"""

import inspect
from collections.abc import Iterable
from typing import Any

import click

from yiyuan.cli.shared.columns import columns, cut, padded, wrapped
from yiyuan.i18n.locale_env import is_chinese, words

_INDENT = 2


class ChineseFormatter(click.HelpFormatter):
    """Chinese headings, and columns that align."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """`用法：yiyuan …`"""
        start = f"{prefix or words('Usage:')}{prog} "
        first, *rest = wrapped(args, max(self.width - columns(start), 20))
        self.write(f"{start}{first}".rstrip() + "\n")
        for line in rest:
            self.write(" " * columns(start) + line + "\n")

    def write_heading(self, heading: str) -> None:
        """A heading with a Chinese colon."""
        self.write(" " * self.current_indent + words(heading) + "：\n")

    def write_text(self, text: str) -> None:
        """Paragraphs, wrapped unless they begin with click's mark for text that is kept."""
        indent = " " * self.current_indent
        for number, paragraph in enumerate(text.split("\n\n")):
            is_kept = paragraph.startswith("\b\n")
            lines = paragraph.splitlines()[1:] if is_kept else self._lines(paragraph)
            self.write("\n" if number else "")
            self.write("".join(f"{indent}{line}\n" for line in lines))

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Terms and what they mean, in two columns."""
        rows = list(rows)
        width = min(max(columns(term) for term, _ in rows), col_max) + col_spacing
        start = " " * (self.current_indent + width)
        for term, meaning in rows:
            lines = wrapped(meaning, max(self.width - len(start), 10))
            is_long = columns(term) > width - col_spacing
            line = " " * self.current_indent + (term if is_long else padded(term, width) + lines[0])
            self.write(line.rstrip() + "\n")
            self.write("".join(f"{start}{line}\n" for line in lines[0 if is_long else 1 :]))

    def _lines(self, paragraph: str) -> list[str]:
        return wrapped(paragraph, self.width - self.current_indent)


class Context(click.Context):
    """click's, with the formatter of the reader's language."""

    def make_formatter(self) -> click.HelpFormatter:
        """See `click.Context.make_formatter`."""
        if not is_chinese():
            return super().make_formatter()
        return ChineseFormatter(width=self.terminal_width, max_width=self.max_content_width)


class Speaking(click.Command):
    """A command or group whose help is in the reader's language."""

    context_class = Context

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """`[选项]`, `命令 [参数]...`; names of arguments are the reference's in any language."""
        return [words(piece) for piece in super().collect_usage_pieces(ctx)]

    def get_short_help_str(self, limit: int = 45) -> str:
        """The first sentence."""
        if not is_chinese():
            return super().get_short_help_str(limit)
        return cut(_paragraphs(self.help)[0].partition("。")[0], limit)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """All paragraphs."""
        if not is_chinese():
            super().format_help_text(ctx, formatter)
            return
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text("\n\n".join(_paragraphs(self.help)))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options, and the commands of a group."""
        if not is_chinese():
            super().format_options(ctx, formatter)
            return
        options = [p for p in self.get_params(ctx) if isinstance(p, click.Option)]
        with formatter.section("Options"):
            formatter.write_dl([_record(option, ctx) for option in options])
        if isinstance(self, click.Group):
            self.format_commands(ctx, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The examples: their heading, and what stands behind #."""
        if self.epilog and is_chinese():
            formatter.write_paragraph()
            with formatter.indentation():
                formatter.write_text("\n".join(map(_example, self.epilog.splitlines())))
        else:
            super().format_epilog(ctx, formatter)


def paragraphs(text: str | None) -> list[str]:
    """A docstring's paragraphs, each as one line: so they stand in the dictionary."""
    return [" ".join(part.split()) for part in inspect.cleandoc(text or "").split("\n\n")]


def _paragraphs(text: str | None) -> list[str]:
    return [words(paragraph) for paragraph in paragraphs(text)]


def _example(line: str) -> str:
    command, mark, comment = line.partition("  # ")
    return command + mark + words(comment) if mark else words(line)


def _record(option: click.Option, ctx: click.Context) -> tuple[str, str]:
    """An option's name with what it takes, and its help with what click adds to it."""
    record: Any = option.get_help_record(ctx)
    names, text = record
    metavar = option.make_metavar(ctx)
    if not option.is_flag and names.endswith(f" {metavar}"):
        names = names.removesuffix(metavar) + words(metavar)
    added = text.removeprefix(option.help or "").strip(" []")
    notes = "，".join(words(note) for note in added.split("; ")) if added else ""
    return names, words(option.help or "") + (f"  [{notes}]" if notes else "")
