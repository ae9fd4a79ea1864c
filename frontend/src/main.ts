import "tabler/collapse";
import "tabler/dropdown";
import "@tabler/core/dist/css/tabler.min.css";
import "./styles/tokens.css";
import "./styles/frame.css";
import "./styles/parts.css";
import "./styles/register.css";
import "./styles/today.css";
import "./styles/events.css";
import "./styles/stops.css";
import "./styles/cases.css";
import "./styles/wall.css";
import "./styles/print.css";
import { foldRail, reachScrollers, switchTheme } from "./frame";
import { watchKeys } from "./keys";
import { offerMentions } from "./mentions";
import { keepTyped } from "./typed";
import { keepWall } from "./wall";

switchTheme();
foldRail();
reachScrollers();
watchKeys();
offerMentions();
keepTyped();
keepWall();

// Selects that choose what is shown send their form at once; without script there is a button.
document.addEventListener("change", (event) => {
  const field = event.target;
  if (field instanceof HTMLSelectElement && field.dataset["submit"] !== undefined) field.form?.requestSubmit();
});
