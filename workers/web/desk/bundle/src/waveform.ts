// The sound of the channel that is heard, asked for until the server has looked at all of it.

import * as api from "./api";
import type { Workbench } from "./meeting";

const AGAIN_MS = 500;
const PER_S = 10;

export function drawSound(bench: Workbench): void {
  const { channel } = bench.player;
  const here = () => bench.player.channel === channel;
  void api
    .peaks(bench.id, channel, PER_S)
    .then((found) => {
      if (!here()) return;
      bench.timeline.sound(found);
      if (!found.complete) window.setTimeout(() => here() && drawSound(bench), AGAIN_MS);
    })
    .catch(() => bench.timeline.sound(null));
}
