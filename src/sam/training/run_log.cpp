#include "sam/training/run_log.h"

#include "landseam/core/error.h"

#include <cstdlib>
#include <vector>

namespace landseam::sam::training {

namespace {
const char* const kHead =
    "step,rate,loss,iou,seconds_a_step,one_click_iou,one_click_share,preferred_iou,score_error";
}

RunLog::RunLog(const std::string& path, std::int64_t last_step) {
    std::vector<std::string> lines{kHead};
    if (last_step > 0) {
        std::ifstream before(path);
        std::string line;
        std::getline(before, line);
        while (std::getline(before, line))
            if (std::atoll(line.c_str()) <= last_step) lines.push_back(line);
    }
    file_.open(path, std::ios::trunc);
    for (const std::string& line : lines) file_ << line << '\n';
    file_.flush();
    if (!file_) throw Error(path, "cannot be written", "choose a folder that exists and may be written to");
}

void RunLog::add(const TrainProgress& p) {
    file_ << p.step << ',' << p.rate << ',' << p.loss << ',' << p.iou << ',' << p.seconds_a_step << ',';
    if (p.scores)
        file_ << p.scores->one_click << ',' << p.scores->one_click_share << ',' << p.scores->preferred << ','
              << p.scores->score_error;
    else
        file_ << ",,,";
    file_ << '\n';
    file_.flush();
}

}  // namespace landseam::sam::training
