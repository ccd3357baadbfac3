// The one list of what the workbench can do: it dispatches the keys, and makes the help sheet and every hint.

import type { Key } from "./text";

// `keys` work while nothing is typed, and can be switched off; `always` work in a text, too.
export interface Command {
  id: string;
  group: "play" | "move" | "text" | "structure" | "flow" | "page";
  keys?: readonly string[];
  always?: readonly string[];
  may?: string;
}

export const MARKS = ["[inaudible]", "[microphone off]", "[cross-talk]", "[no interpretation]", "[applause]", "[gavel]"] as const;

// Keys of the established tools where they agree: k, j, l of players; Alt with them while typing, as in the BBC's
// editor; Shift+Space, Shift+[ and ], Enter as in OpenCouncil; Mod+S, F, Z as everywhere.
export const COMMANDS = [
  { id: "play", group: "play", keys: ["Space", "k"], always: ["Alt+k", "Shift+Space"] },
  { id: "back", group: "play", keys: ["j", "Shift+ArrowLeft"], always: ["Alt+j"] },
  { id: "forward", group: "play", keys: ["l", "Shift+ArrowRight"], always: ["Alt+l"] },
  { id: "play-word", group: "play", keys: ["t"], always: ["Alt+t"] },
  { id: "play-start", group: "play", keys: ["r"], always: ["Alt+r"] },
  { id: "loop", group: "play", keys: ["o"], always: ["Alt+o"] },
  { id: "slower", group: "play", keys: [","], always: ["Alt+,"] },
  { id: "faster", group: "play", keys: ["."], always: ["Alt+."] },
  { id: "channel", group: "play", keys: ["i"], always: ["Alt+i"] },
  { id: "follow", group: "play", keys: ["f"], always: ["Alt+f"] },

  { id: "next", group: "move", keys: ["n", "ArrowDown"], always: ["Alt+ArrowDown"] },
  { id: "previous", group: "move", keys: ["p", "ArrowUp"], always: ["Alt+ArrowUp"] },
  { id: "next-open", group: "move", keys: ["x"], always: ["Alt+x"] },
  { id: "next-unsure", group: "move", keys: ["u"], always: ["Alt+u"] },
  { id: "edit", group: "move", keys: ["Enter", "e"] },
  { id: "panel", group: "move", keys: ["d"], always: ["Alt+d"] },

  { id: "save", group: "text", always: ["Mod+s"], may: "review" },
  { id: "undo", group: "text", always: ["Mod+z"], may: "review" },
  { id: "redo", group: "text", always: ["Mod+y", "Mod+Shift+z"], may: "review" },
  { id: "complete", group: "text", always: ["Alt+n"], may: "review" },
  { id: "find", group: "text", always: ["Mod+f"] },
  ...MARKS.map((_, index) => ({ id: `mark-${index + 1}` as `mark-${number}`, group: "text" as const, always: [`Alt+${index + 1}`], may: "review" })),

  { id: "speaker", group: "structure", keys: ["s"], always: ["Alt+s"], may: "review" },
  { id: "person", group: "structure", keys: ["Shift+p"], always: ["Alt+p"], may: "review" },
  { id: "behalf", group: "structure", keys: ["b"], always: ["Alt+b"], may: "review" },
  { id: "kind", group: "structure", keys: ["y"], always: ["Alt+y"], may: "review" },
  { id: "language", group: "structure", keys: ["g"], always: ["Alt+g"], may: "review" },
  { id: "start-now", group: "structure", keys: ["Shift+["], always: ["Alt+["], may: "review" },
  { id: "end-now", group: "structure", keys: ["Shift+]"], always: ["Alt+]"], may: "review" },
  { id: "split", group: "structure", always: ["Alt+Enter"], may: "review" },
  { id: "merge", group: "structure", keys: ["m"], always: ["Alt+m"], may: "review" },
  { id: "insert", group: "structure", keys: ["+"], always: ["Alt+a"], may: "review" },
  { id: "off-record", group: "structure", keys: ["Shift+x"], always: ["Alt+0"], may: "review" },
  { id: "note", group: "structure", keys: ["w"], always: ["Alt+w"], may: "review" },

  { id: "claim", group: "flow", keys: ["c"], always: ["Alt+c"], may: "review" },
  { id: "approve", group: "flow", keys: ["a"], always: ["Mod+Enter"], may: "approve" },
  { id: "approve-all", group: "flow", keys: ["Shift+a"], may: "approve" },
  { id: "publish-all", group: "flow", always: ["Alt+Shift+u"], may: "publish" },
  { id: "publish", group: "flow", keys: ["Shift+u"], may: "publish" },
  { id: "withdraw", group: "flow", keys: ["Shift+w"], may: "publish" },
  { id: "history", group: "flow", keys: ["h"], always: ["Alt+h"] },

  { id: "help", group: "page", keys: ["?"], always: ["F1"] },
  { id: "queue", group: "page", keys: ["q"], always: ["Alt+q"] },
] as const satisfies readonly Command[];

export type CommandId = (typeof COMMANDS)[number]["id"];

export const all: readonly Command[] = COMMANDS;

export function labelKey(command: Command): Key {
  return `command.${command.id}` as Key;
}

interface Pressed {
  key: string;
  code: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

// The name of what was pressed, as the list has it. With Alt the place of the key counts: Alt+k types another letter
// on some keyboards.
export function nameOf(event: Pressed): string {
  let key = event.key === " " ? "Space" : event.key;
  if (event.altKey || event.shiftKey) {
    const letter = /^(?:Key([A-Z])|Digit(\d))$/.exec(event.code);
    const sign = { BracketLeft: "[", BracketRight: "]", Comma: ",", Period: "." }[event.code];
    if (event.altKey) key = letter?.[1] ?? letter?.[2] ?? sign ?? key;
    else if (sign === "[" || sign === "]") key = sign;
  }
  if (key.length === 1 && /\p{L}/u.test(key)) key = key.toLowerCase();
  const shifted = event.shiftKey && (key.length > 1 || /[\p{L}[\]]/u.test(key));
  return `${event.ctrlKey || event.metaKey ? "Mod+" : ""}${event.altKey ? "Alt+" : ""}${shifted ? "Shift+" : ""}${key}`;
}

export function commandFor(event: Pressed, typing: boolean, singleKeys: boolean): Command | null {
  const name = nameOf(event);
  return (
    all.find((command) => command.always?.includes(name)) ??
    (typing || !singleKeys ? undefined : all.find((command) => command.keys?.includes(name))) ??
    null
  );
}

const SIGNS: Record<string, string> = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Mod: "Ctrl" };

export function shown(key: string): string {
  return key
    .split(/\+(?=.)/)
    .map((part) => SIGNS[part] ?? (part.length === 1 ? part.toUpperCase() : part))
    .join("+");
}

// The key to show beside a button.
export function hint(id: string): string {
  const command = all.find((item) => item.id === id);
  const key = command?.keys?.[0] ?? command?.always?.[0];
  return key ? shown(key) : "";
}
