// Pictures that a visitor drops anywhere on the page, pastes, chooses, or takes with the camera.

/**
 * Watch for pictures.
 *
 * @param elements.paper shows that a picture can be dropped; `choose` is a button, `file` its hidden input.
 * @param onPicture called with the file and how many came with it; one is read at a time.
 */
export function watchPictures({ paper, choose, file }, onPicture) {
  addEventListener("dragover", (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    paper.classList.add("over");
  });
  addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) paper.classList.remove("over");
  });
  addEventListener("drop", (event) => {
    event.preventDefault();
    paper.classList.remove("over");
    take(event.dataTransfer.files);
  });
  addEventListener("paste", (event) => take(event.clipboardData.files));
  choose.addEventListener("click", () => {
    file.removeAttribute("capture");
    file.click();
  });
  file.addEventListener("change", () => {
    take(file.files);
    file.value = "";
  });

  function take(files) {
    if (files.length > 0) onPicture(files[0], files.length);
  }
}

/** What to tell a visitor who gave more than one file, or "". */
export const onlyFirst = (name, count) => (count > 1 ? `Of ${count} files, only the first is read: ${name}` : "");

/** The camera: `elements` are those of its dialog, and `file`, which phones open their camera app for. */
export function watchCamera({ camera, dialog, video, take, cancel, problem, file }, onPicture) {
  camera.addEventListener("click", async () => {
    if (!navigator.mediaDevices) { // browsers allow it only on localhost and https; on http, phones offer their camera app
      file.setAttribute("capture", "environment");
      file.click();
      return;
    }
    problem.hidden = take.disabled = true;
    video.hidden = false;
    dialog.showModal();
    try {
      const constraints = { facingMode: "environment", width: { ideal: 1280 } };
      video.srcObject = await navigator.mediaDevices.getUserMedia({ video: constraints });
      if (!dialog.open) stop(); // the dialog was closed while the browser asked for permission
    } catch (error) {
      video.hidden = true;
      problem.hidden = false;
      problem.textContent = error.name === "NotAllowedError"
        ? "The browser does not allow the camera here. Allow it in the browser's settings for this page."
        : "No camera can be used. Choose a picture instead.";
    }
  });
  video.addEventListener("loadeddata", () => { take.disabled = false; });
  take.addEventListener("click", () => {
    const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
    canvas.getContext("2d").drawImage(video, 0, 0);
    canvas.convertToBlob({ type: "image/jpeg", quality: 0.92 }).then((blob) => onPicture(new File([blob], "camera.jpg", { type: blob.type }), 1));
    dialog.close();
  });
  cancel.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", stop);

  function stop() {
    for (const track of video.srcObject?.getTracks() ?? []) track.stop();
    video.srcObject = null;
  }
}
