// The workbench begins: who is signed in, and which of the two pages this is.

import "./desk.css";
import * as api from "./api";
import { byId, tell } from "./dom";
import { Workbench } from "./meeting";
import { Queue } from "./queue";
import { t, type Key } from "./text";

// The templates hold no sentence: they name entries of the catalogue.
function word(): void {
  for (const node of document.querySelectorAll<HTMLElement>("[data-text]")) node.textContent = t(node.dataset.text as Key);
  for (const node of document.querySelectorAll<HTMLElement>("[data-label]")) node.setAttribute("aria-label", t(node.dataset.label as Key));
}

async function begin(): Promise<void> {
  const main = byId("desk");
  word();
  const session = await api.session();
  const meeting = main.dataset.meeting;
  await (meeting ? new Workbench(meeting, session) : new Queue(session)).open();
}

begin().catch((fault: unknown) => {
  if (fault instanceof api.Refused && fault.status === 401) {
    location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
    return;
  }
  tell(fault instanceof api.Refused ? t("fault.refused", { why: fault.message }) : t("fault.unreachable"), "fault");
  if (!(fault instanceof api.Refused || fault instanceof api.Unreachable)) throw fault;
});
