// The dashboard begins: which of its two pages this is.

import "./dashboard.css";
import * as api from "./api";
import { byId } from "./dom";
import { MeetingPage } from "./meeting";
import { Overview } from "./overview";
import { t } from "./text";

const main = byId("main");
const page = main.dataset.meeting ? new MeetingPage(main.dataset.meeting) : new Overview();

page.open().catch((fault: unknown) => {
  const loading = byId("loading");
  loading.hidden = false;
  loading.textContent = fault instanceof api.Refused ? (fault.status === 404 ? t("fault.not-shown") : fault.detail) : t("fault.unreachable");
  byId("again").hidden = fault instanceof api.Refused;
  byId("again").addEventListener("click", () => location.reload());
  if (!(fault instanceof api.Refused || fault instanceof api.Unreachable)) throw fault;
});
