import os
import signal
import stat
import subprocess
from functools import partial

import psutil
import psycopg
import pytest
from patience import eventually

from shop_app.embedded import cluster, keys, postgres, processes, redis_server, servers
from shop_app.embedded.home import SOCKET_PATH_BYTES, Home
from shop_app.errors import RefusedError, StartRefusedError


def ask(settings, query="SELECT current_user"):
    with psycopg.connect(settings.database_url) as connection:
        return connection.execute(query).fetchone()[0]


def keep_one_row(settings):
    with psycopg.connect(settings.database_owner_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        connection.execute(f"GRANT SELECT ON kept TO {cluster.APP_ROLE}")


wait_until = partial(eventually, seconds=20, every=0.02)


def test_both_servers_answer_the_roles_are_plain_and_nothing_listens_on_the_network(home, settings_of):
    with servers.running(settings_of(home), say=print) as settings:
        assert ask(settings) == "kindred_app"
        might = "SELECT bool_or(rolsuper OR rolbypassrls OR rolcreaterole) FROM pg_roles"
        assert ask(settings, f"{might} WHERE rolname ~ '^kindred'") is False
        assert redis_server.answers(settings.redis_url)
        for server in (postgres.find(home), redis_server.find(home)):
            assert psutil.Process(server.pid).net_connections("inet") == []
    assert postgres.find(home) is None
    assert redis_server.find(home) is None


def test_a_second_start_has_the_same_keys_and_data_and_the_keys_are_for_nobody_else(home, settings_of):
    with servers.running(settings_of(home), say=print) as first:
        keep_one_row(first)
    assert stat.S_IMODE(home.keys.stat().st_mode) == 0o600
    with servers.running(settings_of(home), say=print) as second:
        assert (second.keys, second.hash_key) == (first.keys, first.hash_key)
        assert ask(second, "SELECT number FROM kept") == 7


def test_the_modes_of_all_parents_stay_as_they_were_also_of_closed_ones(folder, settings_of):
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    home = Home(closed / "in" / "home")
    parents = [closed, folder, *folder.parents]
    before = [stat.S_IMODE(parent.stat().st_mode) for parent in parents]
    with servers.running(settings_of(home), say=print) as settings:
        assert ask(settings) == "kindred_app"
    assert [stat.S_IMODE(parent.stat().st_mode) for parent in parents] == before


@pytest.mark.parametrize("name", ["x" * SOCKET_PATH_BYTES, "with space, comma & 'quotes'"])
def test_a_path_that_no_socket_can_have_gets_its_sockets_elsewhere(folder, settings_of, name):
    home = Home(folder / name)
    with servers.running(settings_of(home), say=print) as settings:
        assert home.run not in (home.sockets, *home.sockets.parents)
        assert home.sockets.stat().st_uid == os.geteuid()
        assert ask(settings) == "kindred_app"
        assert redis_server.answers(settings.redis_url)
    assert not home.sockets.exists()


def test_a_folder_in_the_place_of_the_sockets_that_is_not_ours_is_refused(folder, settings_of):
    home = Home(folder / ("x" * SOCKET_PATH_BYTES))
    home.sockets.symlink_to(folder)
    try:
        with (
            pytest.raises(StartRefusedError, match="another account"),
            servers.running(settings_of(home), say=print),
        ):
            pass
    finally:
        home.sockets.unlink()


@pytest.mark.usefixtures("used")
def test_killed_servers_come_back_with_what_was_committed(home, settings_of):
    with servers.running(settings_of(home), say=print) as settings:
        keep_one_row(settings)
        for server in (postgres.find(home), redis_server.find(home)):
            server.signal(signal.SIGKILL)
            assert server.wait(10)
        assert not servers.all_alive(settings_of(home))
        servers.ensure(settings_of(home), say=print)
        assert servers.all_alive(settings_of(home))
        assert ask(settings, "SELECT number FROM kept") == 7
        assert redis_server.answers(settings.redis_url)


@pytest.mark.usefixtures("used")
def test_a_helper_of_a_killed_server_that_still_works_does_not_stop_the_next_start(home, settings_of):
    with servers.running(settings_of(home), say=print) as settings:
        busy = psycopg.connect(settings.database_url)
        busy.execute("SET statement_timeout = 0")
        helper = busy.info.backend_pid
        os.kill(helper, signal.SIGSTOP)
        postgres.find(home).signal(signal.SIGKILL)
        wait_until(lambda: postgres.find(home) is None)
        servers.ensure(settings_of(home), say=print)
        assert ask(settings) == "kindred_app"
        assert processes.started_at(helper) is None
        busy.close()


@pytest.mark.usefixtures("used")
def test_a_number_in_the_pid_file_that_now_belongs_to_another_program_is_no_server(home, settings_of):
    with servers.running(settings_of(home), say=print):
        account = psutil.Process(postgres.find(home).pid).uids().real
        postgres.find(home).signal(signal.SIGKILL)
        wait_until(lambda: postgres.find(home) is None)
    pid_file = home.cluster / "postmaster.pid"
    other = subprocess.Popen(["sleep", "60"], user=account)
    try:
        pid_file.write_text(f"{other.pid}\n" + pid_file.read_text().partition("\n")[2])
        with servers.running(settings_of(home), say=print) as settings:
            assert ask(settings) == "kindred_app"
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


@pytest.mark.usefixtures("used")
def test_a_torn_pid_file_is_no_obstacle(home, settings_of):
    for content in ("", "not a number\n"):
        (home.cluster / "postmaster.pid").write_text(content)
        with servers.running(settings_of(home), say=print) as settings:
            assert ask(settings) == "kindred_app"


@pytest.mark.usefixtures("used")
def test_the_last_of_several_users_stops_the_servers(home, settings_of, staying):
    others = [staying(home), staying(home)]
    for other in others:
        wait_until(lambda other=other: other.stdout.readline() == "up\n")
    server = postgres.find(home)
    with servers.running(settings_of(home), say=print) as settings:
        assert postgres.find(home) == server
        assert ask(settings) == "kindred_app"
    assert server.is_alive()
    with pytest.raises(RefusedError, match="Another kindred command"):
        servers.stop_unused(home, say=print)
    others[0].communicate("\n")
    assert server.is_alive()
    others[1].communicate("\n")
    assert not server.is_alive()


@pytest.mark.usefixtures("used")
def test_servers_of_a_killed_process_are_adopted_and_then_stopped(home, settings_of, staying):
    killed = staying(home)
    wait_until(lambda: killed.stdout.readline() == "up\n")
    killed.kill()
    killed.wait()
    left = postgres.find(home)
    assert left.is_alive()
    with servers.running(settings_of(home), say=print):
        assert postgres.find(home) == left
    assert not left.is_alive()


@pytest.mark.usefixtures("used")
def test_stopping_what_is_left_names_it_and_a_second_time_finds_nothing(home, settings_of, staying):
    killed = staying(home)
    wait_until(lambda: killed.stdout.readline() == "up\n")
    killed.kill()
    killed.wait()
    assert servers.stop_unused(home, say=print) == ["Redis", "PostgreSQL"]
    assert servers.stop_unused(home, say=print) == []


def test_a_set_up_that_was_cut_off_is_made_anew(home, settings_of):
    home.unfinished_cluster.mkdir(parents=True)
    (home.unfinished_cluster / "half").write_text("made")
    with servers.running(settings_of(home), say=print) as settings:
        assert ask(settings) == "kindred_app"
    assert not home.unfinished_cluster.exists()


@pytest.mark.usefixtures("used")
def test_data_of_another_major_version_is_refused_with_both_numbers(home, settings_of):
    (home.cluster / "PG_VERSION").write_text("13\n")
    with (
        pytest.raises(StartRefusedError, match="PostgreSQL 13; this program brings PostgreSQL 16"),
        servers.running(settings_of(home), say=print),
    ):
        pass


@pytest.mark.usefixtures("used")
def test_lost_or_damaged_keys_beside_a_database_are_refused_and_not_made_anew(home, settings_of):
    text = home.keys.read_text()
    for damaged, words in ((None, "is missing"), ("KINDRED_KEYS=abc\n", "is damaged")):
        home.keys.unlink()
        if damaged is not None:
            home.keys.write_text(damaged)
        with pytest.raises(StartRefusedError, match=words), servers.running(settings_of(home), say=print):
            pass
        home.keys.write_text(text)
    assert postgres.find(home) is None


def test_a_key_written_in_front_of_the_others_is_the_first_one_from_then_on(home):
    home.root.mkdir()
    made, hash_key = keys.ensure(home)
    home.keys.write_text(home.keys.read_text().replace("KINDRED_KEYS=", "KINDRED_KEYS=fresh,"))
    assert keys.ensure(home) == (f"fresh,{made}", hash_key)


def test_what_redis_cannot_read_is_put_aside_and_said(home, settings_of):
    home.redis.mkdir(parents=True)
    (home.redis / "appendonly.aof").write_bytes(b"this is no log of Redis\r\n" * 50)
    said = []
    with servers.running(settings_of(home), say=said.append) as settings:
        assert redis_server.answers(settings.redis_url)
    assert any("begins anew" in words for words in said)
    assert (home.root / "redis.damaged").is_dir()


@pytest.mark.usefixtures("used")
def test_a_server_that_cannot_start_shows_the_end_of_its_log(home, settings_of):
    (home.cluster / "global" / "pg_control").rename(home.cluster / "global" / "gone")
    with (
        pytest.raises(StartRefusedError, match="could not find the database system"),
        servers.running(settings_of(home), say=print),
    ):
        pass


def test_urls_of_the_operators_own_need_no_home(folder, settings_of):
    from shop_app.settings import Settings

    own = Settings.from_env(
        {
            "KINDRED_HOME": str(folder / "none"),
            "DATABASE_URL": "postgresql://app@db/kindred",
            "REDIS_URL": "redis://redis/0",
            "KINDRED_KEYS": "k",
            "KINDRED_HASH_KEY": "h",
        }
    )
    with servers.running(own, say=print) as settings:
        assert settings.database_owner_url == "postgresql://app@db/kindred"
    assert not (folder / "none").exists()


ORDINARY = """
import os, signal, sys
from shop_app.embedded import postgres, redis_server, servers
from shop_app.embedded.home import Home
from shop_app.settings import Settings
import psycopg
assert os.geteuid() != 0
settings = Settings.from_env({"KINDRED_HOME": sys.argv[1]})
for _ in range(2):
    with servers.running(settings, say=print) as filled:
        postgres.find(servers.home_of(settings)).signal(signal.SIGKILL)
        redis_server.find(servers.home_of(settings)).signal(signal.SIGKILL)
        servers.ensure(settings, say=print)
        with psycopg.connect(filled.database_url) as connection:
            print(connection.execute("SELECT current_user").fetchone()[0])
        assert redis_server.answers(filled.redis_url)
"""


def test_an_ordinary_user_has_a_home_that_is_closed_to_all_others(folder, as_ordinary_user):
    os.chown(folder, as_ordinary_user.uid, as_ordinary_user.gid)
    done = as_ordinary_user(ORDINARY, str(folder / "home"))
    assert (done.returncode, done.stdout.count("kindred_app")) == (0, 2), done.stderr
    assert stat.S_IMODE((folder / "home").stat().st_mode) == 0o700


@pytest.mark.usefixtures("used")
def test_a_home_that_another_account_uses_is_refused(home, settings_of, as_ordinary_user):
    done = as_ordinary_user(ORDINARY, str(home.root))
    assert done.returncode == 1
    assert "belongs to another account (uid 0)" in done.stderr


def test_a_folder_that_cannot_be_written_is_refused_with_its_name(folder, as_ordinary_user):
    done = as_ordinary_user(ORDINARY, str(folder / "home"))
    assert done.returncode == 1
    assert f"KINDRED_HOME is {folder / 'home'}" in done.stderr
