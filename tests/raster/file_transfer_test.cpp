#include "landseam/raster/file_transfer.h"

#include "raster_fixture.h"

#include <thread>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

namespace landseam::raster {
namespace {

using testing::HasSubstr;

std::string contents(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void write_vsi(const std::string& path, const std::string& text) {
    VSILFILE* file = VSIFOpenL(path.c_str(), "wb");
    ASSERT_TRUE(file);
    ASSERT_EQ(VSIFWriteL(text.data(), 1, text.size(), file), text.size());
    VSIFCloseL(file);
}

// A web server on this machine that answers every request in the same way.
class TinyServer {
public:
    explicit TinyServer(std::string answer)
        : answer_(std::move(answer)), socket_(socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        if (bind(socket_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(socket_, 8) != 0)
            throw std::runtime_error("no socket for the test");
        getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { serve(); });
    }
    ~TinyServer() {
        shutdown(socket_, SHUT_RDWR);
        thread_.join();
        close(socket_);
    }
    std::string url(const std::string& name) const {
        return "http://127.0.0.1:" + std::to_string(port_) + "/" + name;
    }

private:
    void serve() const {
        for (int client; (client = accept(socket_, nullptr, nullptr)) >= 0; close(client)) {
            char request[4096];
            if (recv(client, request, sizeof request, 0) <= 0) continue;
            const bool head = std::string(request, 4) == "HEAD";
            const std::string answer = head ? answer_.substr(0, answer_.find("\r\n\r\n") + 4) : answer_;
            send(client, answer.data(), answer.size(), MSG_NOSIGNAL);
        }
    }

    std::string answer_;
    int socket_, port_ = 0;
    std::thread thread_;
};

TEST(FileTransfer, AUrlIsFetched) {
    TempFolder folder;
    const TinyServer server("HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\nweights");
    const std::string local = fetch_to_cache(server.url("w.pth?token=1"), folder / "c", *silent_progress());
    EXPECT_EQ(contents(local), "weights");
    EXPECT_THAT(local, testing::EndsWith("-w.pth"));
}

TEST(FileTransfer, AConnectionThatBreaksIsAPassingFaultAndLeavesNothing) {
    TempFolder folder;
    const TinyServer server("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\nConnection: close\r\n\r\nweights");
    error_text([&] { fetch_to_cache(server.url("w.pth"), folder / "c", *silent_progress()); },
               ErrorKind::passing);
    EXPECT_TRUE(std::filesystem::is_empty(folder / "c"));
}

TEST(FileTransfer, AFileTheServerDoesNotHaveIsNoPassingFault) {
    TempFolder folder;
    const TinyServer server("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
    EXPECT_THAT(error_text([&] { fetch_to_cache(server.url("w.pth"), folder / "c", *silent_progress()); }),
                HasSubstr("404"));
    EXPECT_TRUE(std::filesystem::is_empty(folder / "c"));
}

TEST(FileTransfer, LocalPathsAreReturnedAsTheyAre) {
    TempFolder folder;
    EXPECT_EQ(fetch_to_cache("weights.pth", folder / "cache", *silent_progress()), "weights.pth");
    EXPECT_TRUE(folder.names().empty());
}

TEST(FileTransfer, AFileIsCopiedWholeAndOnlyOnce) {
    TempFolder folder;
    std::string text(3'500'000, 'x');
    text += "end";
    write_vsi("/vsimem/landseam/weights.pth", text);
    const std::string local =
        fetch_to_cache("/vsimem/landseam/weights.pth", folder / "new/cache", *silent_progress());
    EXPECT_EQ(contents(local), text);
    EXPECT_THAT(local, testing::EndsWith("-weights.pth"));
    VSIUnlink("/vsimem/landseam/weights.pth");
    EXPECT_EQ(fetch_to_cache("/vsimem/landseam/weights.pth", folder / "new/cache", *silent_progress()),
              local);
    const auto entries = std::filesystem::directory_iterator(folder / "new/cache");
    EXPECT_EQ(std::distance(begin(entries), end(entries)), 1) << "no temporary file is left";
}

TEST(FileTransfer, FilesOfOneNameFromTwoPlacesDoNotMeet) {
    TempFolder folder;
    write_vsi("/vsimem/landseam-a/w.pth", "a");
    write_vsi("/vsimem/landseam-b/w.pth", "b");
    EXPECT_EQ(contents(fetch_to_cache("/vsimem/landseam-a/w.pth", folder / "c", *silent_progress())), "a");
    EXPECT_EQ(contents(fetch_to_cache("/vsimem/landseam-b/w.pth", folder / "c", *silent_progress())), "b");
    VSIUnlink("/vsimem/landseam-a/w.pth");
    VSIUnlink("/vsimem/landseam-b/w.pth");
}

TEST(FileTransfer, AFileInsideAZipIsCopied) {
    TempFolder folder;
    const std::string zip = folder / "a.zip";
    write_vsi("/vsizip/" + zip + "/inner/weights.pth", "inside the zip");
    EXPECT_EQ(
        contents(fetch_to_cache("/vsizip/" + zip + "/inner/weights.pth", folder / "c", *silent_progress())),
        "inside the zip");
}

TEST(FileTransfer, WhatCannotBeFetchedLeavesNothing) {
    TempFolder folder;
    EXPECT_THAT(
        error_text([&] { fetch_to_cache("/vsimem/landseam-none", folder / "c", *silent_progress()); }),
        HasSubstr("/vsimem/landseam-none"));
    write_vsi("/vsimem/landseam-empty", "");
    EXPECT_THAT(
        error_text([&] { fetch_to_cache("/vsimem/landseam-empty", folder / "c", *silent_progress()); }),
        HasSubstr("empty"));
    VSIUnlink("/vsimem/landseam-empty");
    EXPECT_TRUE(std::filesystem::is_empty(folder / "c"));
}

TEST(FileTransfer, ADamagedZipIsAnErrorAndLeavesNothing) {
    TempFolder folder;
    const std::string zip = folder / "a.zip";
    std::string noise(200'000, ' ');
    for (std::size_t i = 0; i < noise.size(); ++i) noise[i] = static_cast<char>(i * i * 31 >> 3);
    write_vsi("/vsizip/" + zip + "/weights.pth", noise);
    {
        std::fstream file(zip, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(100);
        file << std::string(30'000, '\xff');
    }
    error_text([&] { fetch_to_cache("/vsizip/" + zip + "/weights.pth", folder / "c", *silent_progress()); });
    EXPECT_TRUE(std::filesystem::is_empty(folder / "c"));
}

TEST(FileTransfer, AServerThatDoesNotAnswerIsAPassingFault) {
    TempFolder folder;
    error_text([&] { fetch_to_cache("http://127.0.0.1:9/weights.pth", folder / "c", *silent_progress()); },
               ErrorKind::passing);
    EXPECT_TRUE(std::filesystem::is_empty(folder / "c"));
}

TEST(FileTransfer, AFolderThatCannotBeMadeIsNamed) {
    TempFolder folder;
    std::ofstream(folder / "file") << "x";
    write_vsi("/vsimem/landseam-x", "x");
    EXPECT_THAT(
        error_text([&] { fetch_to_cache("/vsimem/landseam-x", folder / "file/cache", *silent_progress()); }),
        HasSubstr("cache folder"));
    VSIUnlink("/vsimem/landseam-x");
}

}  // namespace
}  // namespace landseam::raster
