// A real PostGIS server, which a test starts for itself as an ordinary user.
#pragma once

#include "support/temporary_folder.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

#include <unistd.h>

namespace landseam::test {

// A server on a socket in a folder of its own; it ends with the test.
class PostgisServer {
public:
    static bool is_installed() {
        return std::filesystem::exists(std::string(programs) + "initdb") &&
               std::filesystem::exists("/usr/share/postgresql/15/extension/postgis.control");
    }
    PostgisServer() {
        std::filesystem::permissions(folder_.path(),
                                     std::filesystem::perms::all);  // the server may run as another user
        // PostgreSQL refuses to run as root.
        as_user_ = geteuid() == 0 ? "setpriv --reuid=nobody --clear-groups " : "";
        const std::string data = folder_.file("data");
        run(std::string(programs) + "initdb -D " + data + " -U tester -A trust --no-sync");
        run(std::string(programs) + "pg_ctl -D " + data + " -w -l " + folder_.file("log") +
            " -o \"-c listen_addresses='' -c fsync=off -k " + folder_.path().string() + "\" start");
        started_ = true;
        sql("postgres", "CREATE DATABASE scenes");
        sql("scenes", "CREATE EXTENSION postgis");
    }
    ~PostgisServer() {
        if (started_)
            std::system(
                command(std::string(programs) + "pg_ctl -D " + folder_.file("data") + " -m immediate stop")
                    .c_str());
    }

    std::string connection() const {
        return "PG:host=" + folder_.path().string() + " dbname=scenes user=tester";
    }
    void sql(const std::string& database, const std::string& text) {
        run("psql -q -v ON_ERROR_STOP=1 -h " + folder_.path().string() + " -U tester -d " + database +
            " -c '" + text + "'");
    }

private:
    static constexpr const char* programs = "/usr/lib/postgresql/15/bin/";
    static std::string text_of(const std::string& path) {
        std::ostringstream text;
        text << std::ifstream(path).rdbuf();
        return text.str();
    }
    std::string command(const std::string& what) const {
        return "cd / && " + as_user_ + what + " >> " + folder_.file("out") + " 2>&1";
    }
    void run(const std::string& what) const {
        if (std::system(command(what).c_str()) != 0)
            throw std::runtime_error(what + " failed: " + text_of(folder_.file("out")));
    }

    TemporaryFolder folder_;
    std::string as_user_;
    bool started_ = false;
};

}  // namespace landseam::test
