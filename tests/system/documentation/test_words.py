"""Chinese texts say one word for one idea, that of the glossary."""

import pytest

from tests.project.tidy.tree import ROOT

WRONG = {
    "冻结": "预扣 (held)",
    "管理员": "运营者 (operator)",
    "运营方": "运营者 (operator)",
    "运营人员": "运营者 (operator)",
    "冲销": "冲正 (reversal)",
}
FOLDERS = ("docs/zh", "console/src", "src/yiyuan/i18n/zh")
SINGLE = ("README.zh.md", "src/yiyuan/api/console/errors.py", "src/yiyuan/kernel/settings.py")
OF_OTHERS = {
    "docs/zh/ai-apps/open-webui.md": {"管理员"},  # its menu says so
    "docs/zh/guarantees.md": {"冻结"},  # a process, and no money
}


def chinese_texts():
    found = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file()]
    found += [ROOT / name for name in SINGLE]
    return [path for path in found if path.suffix in (".md", ".ts", ".py")]


@pytest.mark.parametrize("word", WRONG)
def test_a_word_of_the_glossary_has_no_rival(word):
    texts = chinese_texts()
    assert len(texts) > 60
    named = [path.relative_to(ROOT).as_posix() for path in texts if word in path.read_text("utf-8")]
    assert [name for name in named if word not in OF_OTHERS.get(name, ())] == [], WRONG[word]
