"""What a push and a pull cost on the way back."""

import gzip

from tests.fixtures_server import API, Server


async def test_answers_are_packed_for_those_who_can_read_it(server: Server) -> None:
    phone = server.phones[0]
    items = [phone.report() for _ in range(5)]
    sizes = {}
    for encoding in ("gzip", "identity"):
        headers = {**phone.bearer, "Accept-Encoding": encoding}
        async with server.client.stream(
            "POST", f"{API}/sync/push", json=phone.push_body(*items), headers=headers
        ) as answer:
            raw = b"".join([chunk async for chunk in answer.aiter_raw()])
        assert answer.status_code == 200
        assert (answer.headers.get("content-encoding") == "gzip") == (encoding == "gzip")
        assert b'"receipts"' in (gzip.decompress(raw) if encoding == "gzip" else raw)
        sizes[encoding] = len(raw)
    assert sizes["gzip"] < sizes["identity"]


async def test_a_result_says_only_what_the_receipts_do_not(server: Server) -> None:
    phone = server.phones[0]
    answer = await server.push(phone, phone.report(), "not a report")
    assert answer["results"] == [{"status": "stored"}, {"status": "quarantined", "reason": "unreadable"}]
