"""Header names in lower case, of which no more are kept than fit."""

from yiyuan.http.header_names import NAME_BYTES_MAX, NAMES_MAX, HeaderNames


def test_names_are_lower_case_and_kept() -> None:
    names = HeaderNames()
    assert names[b"Content-Type"] == names[b"content-type"] == "content-type"
    assert set(names) == {b"Content-Type", b"content-type"}


def test_a_crowd_of_odd_names_takes_no_more_room_than_there_is() -> None:
    names = HeaderNames()
    for number in range(3 * NAMES_MAX):
        odd = f"X-{number}"
        assert names[odd.encode()] == odd.lower()
        assert len(names) <= NAMES_MAX
    long = b"A" * (NAME_BYTES_MAX + 1)
    assert names[long] == "a" * (NAME_BYTES_MAX + 1)
    assert long not in names
