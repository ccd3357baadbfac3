// How a workbench saves: with the server, with this browser's drafts, and with what the rows show of it.

import * as api from "./api";
import { showConflict } from "./conflict";
import { isPublic } from "./correcting";
import { say, tell } from "./dom";
import type { Drafts } from "./drafts";
import type { Following } from "./following";
import type { Workbench } from "./meeting";
import { Saver } from "./saver";
import { t } from "./text";

export function saverOf(bench: Workbench, drafts: Drafts, following: Following): Saver {
  return new Saver({
    correct: api.correct,
    keep: (kept) => {
      if (!drafts.keep({ ...kept, meeting_id: bench.id, at: Date.now() })) tell(t("draft.full"), "fault");
    },
    forget: (id) => drafts.forget(id),
    status: (id, status, detail) => {
      const view = bench.list.view(id);
      view?.showStatus(status, detail);
      if (status === "clean") view?.editor?.saved();
      following.show(status);
    },
    conflict: (id, conflict) => {
      say(t("conflict.said"));
      void showConflict(bench, id, conflict);
    },
    changed: (changed) => bench.reading.took(changed),
    needsReason: (entry) => isPublic(entry.review.state),
  });
}
