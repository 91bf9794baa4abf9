// Draws the scene that the examples are run on.
#include "support/drawn_scene.h"

int main(int, char** arguments) {
    landseam::test::write_drawn_scene(arguments[1]);
    return 0;
}
