// Everything a page runs: each part looks after the attributes it owns, and none of them is needed to read or save.
import "./core/partials";
import { watchDialogs } from "./core/dialog";
import { watchKeys } from "./core/keys";
import { watchMenus } from "./core/menu";
import { watchPreferences } from "./core/preferences";
import { watchTimes } from "./core/time";
import { adoptToasts } from "./core/announce";
import { watchDrafts } from "./form/draft";
import { watchFields } from "./form/fields";
import { watchFilters } from "./form/filter";
import { watchPickers } from "./form/picker";
import { watchRules } from "./form/rules";
import { TrellisList } from "./list/element";

watchPreferences();
watchDialogs();
watchMenus();
watchKeys();
watchFields();
watchFilters();
watchPickers();
watchRules();
watchDrafts();
watchTimes();
adoptToasts();
customElements.define("trellis-list", TrellisList);
