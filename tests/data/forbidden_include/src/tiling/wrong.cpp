// Read by the include check's own test, never compiled: a stage reaching sideways.
#include "landseam/raster/scene_info.h"
