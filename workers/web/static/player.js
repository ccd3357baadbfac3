// Play a channel's audio by the meeting clock. Its file is named for its end, so a growing meeting has ever new files.

export class Player extends EventTarget {
  #audio;
  #base;
  #ends;
  #loadedEndMs = 0;
  #loadedChannel = null;
  #wantedMs = null; // where to go once the file is open
  #stopMs = null;
  #starved = false; // everything was played, and the meeting goes on
  #rate = 1;

  constructor(audio, base, channel, ends) {
    super();
    this.#audio = audio;
    this.#base = base;
    this.#ends = ends;
    this.channel = channel;
    for (const type of ["play", "playing", "pause", "timeupdate", "seeked", "waiting"]) {
      audio.addEventListener(type, () => this.#tell());
    }
    audio.addEventListener("loadedmetadata", () => this.#arrive());
    audio.addEventListener("ended", () => this.#goOn());
    audio.addEventListener("error", () => this.#fail());
  }

  get endMs() {
    return this.#ends[this.channel] ?? 0;
  }

  get playing() {
    return !this.#audio.paused || this.#starved;
  }

  get positionMs() {
    return this.#wantedMs ?? Math.round(this.#audio.currentTime * 1000);
  }

  set ends(ends) {
    this.#ends = ends;
    if (this.#starved) this.#goOn();
    this.#tell();
  }

  set rate(rate) {
    this.#rate = rate;
    this.#audio.playbackRate = rate;
  }

  listenTo(channel) {
    const playing = this.playing;
    this.channel = channel;
    this.go(this.positionMs, { play: playing });
  }

  toggle() {
    if (this.playing) this.pause();
    else this.go(this.positionMs, { play: true });
  }

  pause() {
    this.#starved = false;
    this.#audio.pause();
    this.#tell();
  }

  // Go to a moment of the meeting clock; stop at another one if it is given.
  go(atMs, { play = true, untilMs = null } = {}) {
    if (!this.endMs) return;
    atMs = Math.max(0, Math.min(atMs, this.endMs));
    this.#stopMs = untilMs;
    this.#starved = false;
    const covered = this.#loadedChannel === this.channel && atMs < this.#loadedEndMs;
    this.#wantedMs = atMs;
    if (!covered) {
      this.#loadedChannel = this.channel;
      this.#loadedEndMs = this.endMs;
      this.#audio.preload = "auto";
      this.#audio.src = `${this.#base}/${this.channel}/${this.endMs}.wav`;
      this.#audio.defaultPlaybackRate = this.#rate;
    } else if (this.#audio.readyState >= HTMLMediaElement.HAVE_METADATA) {
      this.#arrive();
    }
    // A newer request interrupts an older one: that promise then fails, and says nothing new.
    if (play) this.#audio.play().catch(() => this.#tell());
    else this.#audio.pause();
    this.#tell();
  }

  // Called for each picture while playing: stops where a quoted moment ends.
  check() {
    if (this.#stopMs === null || this.#wantedMs !== null || this.positionMs < this.#stopMs) return;
    this.#audio.currentTime = this.#stopMs / 1000;
    this.#stopMs = null;
    this.pause();
  }

  #arrive() {
    if (this.#wantedMs === null) return;
    this.#audio.currentTime = this.#wantedMs / 1000;
    this.#wantedMs = null;
    this.#audio.playbackRate = this.#rate;
  }

  #goOn() {
    if (this.endMs > this.#loadedEndMs) this.go(this.#loadedEndMs);
    else this.#starved = true;
    this.#tell();
  }

  #fail() {
    this.#loadedChannel = null;
    this.#loadedEndMs = 0;
    this.#starved = false;
    this.dispatchEvent(new Event("fault"));
    this.#tell();
  }

  #tell() {
    this.check(); // pictures stop in a hidden tab, the sound does not
    this.dispatchEvent(new Event("change"));
  }
}
