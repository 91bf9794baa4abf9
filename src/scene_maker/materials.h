// What the ground is made of: reflectance in red, green, blue and near infrared, and how it varies from place
// to place. The values are typical of published spectral libraries (USGS, ECOSTRESS), rounded.
#pragma once

#include <array>

namespace landseam::scene_maker {

using Spectrum = std::array<double, 4>;

namespace material {

inline constexpr Spectrum asphalt{.120, .118, .115, .135}, worn_asphalt{.165, .160, .152, .185};
inline constexpr Spectrum paving{.190, .180, .164, .220}, concrete{.245, .235, .218, .270};
inline constexpr Spectrum kerbstone{.290, .280, .265, .310}, road_paint{.50, .50, .48, .50};
inline constexpr Spectrum gravel{.230, .208, .175, .270}, dirt{.215, .172, .122, .275};

inline constexpr Spectrum lush_grass{.055, .095, .042, .46}, dry_grass{.135, .140, .078, .34};
inline constexpr Spectrum meadow_grass{.070, .105, .048, .41}, hay{.190, .185, .105, .37};
inline constexpr Spectrum leaves{.038, .067, .030, .45}, light_leaves{.068, .105, .040, .52};
inline constexpr Spectrum needles{.026, .044, .026, .27}, hedge_leaves{.036, .064, .030, .40};
inline constexpr Spectrum reed{.090, .102, .056, .32}, mud{.095, .080, .058, .13};

inline constexpr Spectrum soil{.200, .155, .108, .265}, damp_soil{.140, .106, .075, .190};
inline constexpr Spectrum pale_soil{.250, .205, .150, .320};
inline constexpr Spectrum ripe_cereal{.290, .235, .138, .395}, tawny_cereal{.225, .180, .105, .335};
inline constexpr Spectrum young_cereal{.052, .090, .040, .50}, thin_cereal{.100, .118, .066, .38};
inline constexpr Spectrum leafy_crop{.045, .082, .038, .52}, rape{.225, .220, .070, .46};
inline constexpr Spectrum stubble{.280, .235, .160, .350};

inline constexpr Spectrum pond_water{.024, .034, .033, .012}, green_water{.034, .048, .034, .028};
inline constexpr Spectrum pool_water{.085, .240, .310, .040};

inline constexpr Spectrum red_tile{.255, .125, .085, .320}, orange_tile{.320, .175, .110, .390};
inline constexpr Spectrum brown_tile{.150, .100, .078, .215}, slate{.088, .090, .098, .108};
inline constexpr Spectrum grey_tile{.170, .166, .160, .200}, moss{.110, .115, .070, .260};
inline constexpr Spectrum roof_felt{.085, .085, .086, .098}, roof_gravel{.255, .248, .232, .290};
inline constexpr Spectrum sheet_metal{.420, .425, .425, .410}, white_membrane{.520, .520, .505, .500};
inline constexpr Spectrum solar_cell{.026, .032, .062, .045}, solar_frame{.140, .145, .165, .150};
inline constexpr Spectrum glass{.045, .050, .058, .055}, brick{.200, .110, .080, .260},
    timber{.165, .130, .095, .270};

}  // namespace material

enum class Texture {
    speckled,  // patches of two colours and a fine grain
    rows,      // crop rows of the first colour on the second, with the wheel tracks of tramlines
    swaths,    // speckled, with alternating light and dark bands, as mown or rolled
    cells,     // a grid of thin lines of the second colour on the first
    sheets,    // corrugated sheets side by side, no two alike, rusted to the second colour in patches
    tufts,     // spots of the second colour on the first, `spacing_m` apart, for the share `mix` of them
};

// How a surface looks. `second` shows through in patches, for the share `mix` of it on average.
struct Paint {
    Spectrum first{};
    Spectrum second{};
    double mix = 0.3;
    double patch_m = 8;    // width of the patches
    double grain = 0.06;   // relative height of the fine grain
    double grain_m = 0.6;  // width of the grains
    Texture texture = Texture::speckled;
    double angle = 0;       // direction of rows, swaths and cells, radians
    double spacing_m = 1;   // of rows, swaths and cells
    double tramline_m = 0;  // distance of the tramlines; 0 for none
};

}  // namespace landseam::scene_maker
