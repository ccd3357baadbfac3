// What each command of the list does, and the keys that run it.

import { all, commandFor, MARKS, type CommandId } from "./commands";
import { complete } from "./completing";
import { kind, language, note } from "./describing";
import { tell } from "./dom";
import { find } from "./finding";
import * as flow from "./flow";
import { openHelp, singleKeys } from "./help";
import { openHistory } from "./history";
import { redo, saveAll, undo } from "./journal";
import type { Workbench } from "./meeting";
import { edit, nextOpen, nextUnsure, step, toPanel } from "./moving";
import { boundary, insert, merge, offRecord, split } from "./shaping";
import { behalf, person, speaker } from "./speaking";
import { t } from "./text";

const SKIP_MS = 5000;

type Named = Exclude<CommandId, `mark-${number}`>;

const DO: Record<Named, (bench: Workbench) => void | Promise<void>> = {
  play: ({ player }) => player.toggle(),
  back: ({ player }) => player.go(player.positionMs - SKIP_MS, { play: player.playing }),
  forward: ({ player }) => player.go(player.positionMs + SKIP_MS, { play: player.playing }),
  "play-word": ({ view }) => view?.editor?.playFrom(Math.max(0, view.editor.cursor)),
  "play-start": ({ row, player }) => row && player.go(row.start_ms),
  loop: ({ row, player }) => player.loop(player.looping || !row ? null : { from: row.start_ms, to: row.end_ms }),
  slower: ({ transport }) => transport.speed(-0.25),
  faster: ({ transport }) => transport.speed(0.25),
  channel: ({ transport }) => transport.otherChannel(),
  follow: ({ transport }) => transport.toggleFollow(),
  next: (bench) => step(bench, 1),
  previous: (bench) => step(bench, -1),
  "next-open": nextOpen,
  "next-unsure": nextUnsure,
  edit,
  panel: toPanel,
  save: saveAll,
  undo,
  redo,
  complete,
  find,
  speaker: (bench) => speaker(bench),
  person: (bench) => person(bench),
  behalf: (bench) => behalf(bench),
  kind: (bench) => kind(bench),
  language: (bench) => language(bench),
  "start-now": (bench) => boundary(bench, "start", bench.player.positionMs),
  "end-now": (bench) => boundary(bench, "end", bench.player.positionMs),
  split,
  merge,
  insert,
  "off-record": offRecord,
  note,
  claim: flow.claim,
  approve: flow.approve,
  "approve-all": flow.approveAll,
  publish: flow.publish,
  "publish-all": flow.publishAll,
  withdraw: flow.withdraw,
  history: (bench) => (bench.selected ? openHistory(bench, bench.selected) : undefined),
  help: openHelp,
  queue: () => location.assign("/desk"),
};

export function run(bench: Workbench, id: string): void {
  const command = all.find((item) => item.id === id);
  if (!command) return;
  if (command.may && !bench.may(command.may)) {
    tell(t("fault.not-allowed"), "fault");
    return;
  }
  const mark = /^mark-(\d)$/.exec(id);
  if (mark) {
    bench.view?.editor?.insert(MARKS[Number(mark[1]) - 1] ?? "");
    return;
  }
  void Promise.resolve(DO[id as Named](bench)).catch((fault: unknown) => bench.fault(fault));
}

export function listenToKeys(bench: Workbench): void {
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.isComposing || document.querySelector("dialog[open]")) return;
      const target = event.target as HTMLElement;
      const typing = target.closest("input:not([type=checkbox]), textarea, select, [contenteditable=true]") !== null;
      if (!typing && (event.key === " " || event.key === "Enter") && target.closest("button, a, summary")) return;
      const command = commandFor(event, typing, singleKeys());
      if (!command) return;
      if (target.getAttribute("role") === "slider" && /^(Shift\+)?Arrow|^Enter$/.test(event.key)) return;
      event.preventDefault();
      event.stopPropagation();
      run(bench, command.id);
    },
    true,
  );
}
