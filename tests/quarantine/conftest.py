from tests.fixtures_server import server as server
